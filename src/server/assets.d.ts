/** Files of the documentation page, embedded into the executable: each import is a path. */
declare module "swagger-ui-dist/*" {
  const path: string;
  export default path;
}
