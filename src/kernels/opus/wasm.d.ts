/** A file that the bundler puts into the executable: its path. */
declare module "*.wasm" {
  const path: string;
  export default path;
}
