import { describe, expect, test } from "bun:test";
import { aFile, aSpace, later, NOW, onEachDialect } from "./fixtures";

onEachDialect((lab) => {
  describe("lists", () => {
    test("are newest first, stable under equal times, in pages", async () => {
      for (const [i, id] of ["a", "b", "c", "d", "e"].entries()) {
        await lab.commit(aFile(id, { createdAt: later(i < 3 ? 0 : i) }));
      }
      expect(await lab.list()).toEqual(["e", "d", "c", "b", "a"]);
      const pages = await Promise.all([0, 2, 4, 6].map((offset) => lab.list({ limit: 2, offset })));
      expect(pages).toEqual([["e", "d"], ["c", "b"], ["a"], []]);
    });

    test("filter by codec, time and name", async () => {
      await lab.commit(aFile("a", { name: "Größe 100%.log", codec: "log-files", createdAt: later(-10) }));
      await lab.commit(aFile("b", { name: "groesse_100.log", codec: "log-files" }));
      await lab.commit(aFile("c", { name: "back\\slash.FASTQ", createdAt: later(10) }));
      expect(await lab.list({ codec: "log-files" })).toEqual(["b", "a"]);
      expect(await lab.list({ codec: "log-files", after: later(-10) })).toEqual(["b"]);
      expect(await lab.list({ before: NOW })).toEqual(["a"]);
      expect(await lab.list({ q: "GRÖSSE" })).toEqual([]);
      expect(await lab.list({ q: "GRÖßE" })).toEqual(["a"]);
      expect(await lab.list({ q: "100%" })).toEqual(["a"]);
      expect(await lab.list({ q: "e_1" })).toEqual(["b"]);
      expect(await lab.list({ q: "k\\s" })).toEqual(["c"]);
      expect(await lab.list({ q: "fastq" })).toEqual(["c"]);
      expect(await lab.list({ q: "" })).toHaveLength(3);
      expect(await lab.list({ q: "\0" })).toEqual([]);
      expect(await lab.list({ before: new Date(8.64e15), after: new Date(-8.64e15) })).toHaveLength(3);
    });

    test("count the whole space, whatever the page", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      await lab.commit(aFile("a", { compressedBytes: 3_000_000_000 }));
      await lab.commit(aFile("b", { compressedBytes: 3_000_000_000 }));
      await lab.commit(aFile("c", { spaceId: "ward" }));
      const { files, usage } = await lab.repository.files("lab", { limit: 1, offset: 5, q: "nothing" });
      expect(files).toEqual([]);
      expect(usage).toEqual({ totalFiles: 2, totalOriginalBytes: 10_000_000_000, totalCompressedBytes: 6e9 });
      const empty = await lab.repository.files("elsewhere", { limit: 1, offset: 0 });
      expect(empty.usage).toEqual({ totalFiles: 0, totalOriginalBytes: 0, totalCompressedBytes: 0 });
    });

    test("of every space walk in a stable order", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      for (const id of ["03", "01", "04"]) await lab.commit(aFile(id));
      await lab.commit(aFile("02", { spaceId: "ward" }));
      expect((await lab.repository.filesAfter(null, 2)).map((file) => file.id)).toEqual(["01", "02"]);
      expect((await lab.repository.filesAfter("02", 9)).map((file) => file.id)).toEqual(["03", "04"]);
    });
  });
});
