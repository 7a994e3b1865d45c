import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { models } from "../kernels/models";
import { transforms } from "./transforms";

/** A decoder can be written from the specification only if nothing is missing there. */
function specified(page: string, { id, version, name }: { id: number; version: number; name: string }): void {
  const text = readFileSync(join(import.meta.dir, "../../docs/format", page), "utf8");
  expect(text).toContain(`| ${id} | ${version} | \`${name}\` |`);
  expect(text).toContain(`\n## ${id} \`${name}\`, version ${version}\n`);
}

test.each([...models])("model $name is specified", (model) => specified("models.md", model));
test.each([...transforms])("transform $name is specified", (transform) => specified("transforms.md", transform));

test.each([{ list: models }, { list: transforms }])("no pair of id and version is taken twice", ({ list }) => {
  const pairs = [...list].map(({ id, version }) => `${id}.${version}`);
  expect(new Set(pairs).size).toBe(pairs.length);
});
