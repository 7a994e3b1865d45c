declare module "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm" {
  const path: string;
  export default path;
}
declare module "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm" {
  const path: string;
  export default path;
}
