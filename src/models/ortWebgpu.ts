/** onnxruntime-web on WebGPU in the page, with its binary from the page's own origin. */
import * as ort from 'onnxruntime-web/webgpu';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';

ort.env.wasm.wasmPaths = { wasm: new URL(wasmUrl, import.meta.url).href };

export { ort };
