import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { models } from "../kernels/models";
import { transforms } from "./transforms";

const FOLDER = join(import.meta.dir, "../../docs/format");
const pages = readdirSync(FOLDER).map((page) => readFileSync(join(FOLDER, page), "utf8"));

/** A decoder can be written from the specification only if nothing is missing: a row of the list, and a section. */
function specified(list: string, { id, version, name }: { id: number; version: number; name: string }): void {
  expect(readFileSync(join(FOLDER, list), "utf8")).toContain(`| ${id} | ${version} | \`${name}\` |`);
  const heading = `\n## ${id} \`${name}\`, version ${version}\n`;
  expect(pages.filter((page) => page.includes(heading))).toHaveLength(1);
}

test.each([...models])("model $name is specified", (model) => specified("models.md", model));
test.each([...transforms])("transform $name is specified", (transform) => specified("transforms.md", transform));

test.each([{ list: models }, { list: transforms }])("no pair of id and version is taken twice", ({ list }) => {
  const pairs = [...list].map(({ id, version }) => `${id}.${version}`);
  expect(new Set(pairs).size).toBe(pairs.length);
});
