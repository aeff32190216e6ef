/** onnxruntime-web in Node: WebAssembly, read from its package. */
import * as ort from 'onnxruntime-web';

export { ort };
