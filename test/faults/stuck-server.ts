// A vault that uploads one file and stops for ever at the named step, for a test that kills it there.
// Arguments: data directory, step (`before-put`, `before-commit`, `after-commit`), file to upload.
import { loadConfig } from "../../src/config";
import { openDatabase } from "../../src/database/open";
import { openStore } from "../../src/storage/open";
import { ALL_SCOPES } from "../../src/vault/access";
import { DEFAULT_SPACE } from "../../src/vault/administration";
import { openVault } from "../../src/vault/open";

const [data = "", step = "", path = ""] = process.argv.slice(2);

function stopHere(at: string): Promise<void> {
  if (at !== step) return Promise.resolve();
  console.log(`at ${at}`);
  return new Promise(() => {});
}

const { vault } = await openVault(loadConfig({ data }, {}), {
  async openStore(settings) {
    const store = await openStore(settings);
    const putFile = store.putFile.bind(store);
    store.putFile = async (...put) => {
      await stopHere("before-put");
      return putFile(...put);
    };
    return store;
  },
  async openDatabase(url) {
    const repository = await openDatabase(url);
    return {
      ...repository,
      async commitUpload(upload) {
        await stopHere("before-commit");
        const outcome = await repository.commitUpload(upload);
        await stopHere("after-commit");
        return outcome;
      },
    };
  },
});

const actor = { id: "test", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: null };
const plan = await vault.planUpload(actor, { codec: "email", query: {} });
const spooled = await vault.spool(Bun.file(path).stream(), 1 << 30);
const file = await vault.upload(actor, plan, spooled, { name: "mail.mbox" });
console.log(`stored ${file.id}`);
