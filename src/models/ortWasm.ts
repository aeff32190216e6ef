/** onnxruntime-web on the CPU (WebAssembly) in the page: its smallest build, with its binary from the page's own origin. */
import * as ort from 'onnxruntime-web/wasm';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

ort.env.wasm.wasmPaths = { wasm: new URL(wasmUrl, import.meta.url).href };

export { ort };
