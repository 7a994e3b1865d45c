/**
 * Where a worker's entry lies: beside the sources, or in the executable, whose entries keep their folders below one
 * root while every other module is folded into the main one.
 *
 * @param entry path below `src` without extension, as given to the build (`graph/worker`)
 */
export function workerUrl(entry: string): URL {
  const here = import.meta.url;
  const compiled = here.includes("/$bunfs/") || here.includes("/~BUN/");
  return compiled ? new URL(`./${entry}.js`, here) : new URL(`../${entry}.ts`, here);
}
