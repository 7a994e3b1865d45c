import { compress } from "./cli/compress";
import { decompress, verify } from "./cli/decompress";
import { inspect } from "./cli/inspect";
import { keys } from "./cli/keys";
import { run } from "./cli/run";
import { serve } from "./cli/serve";
import { storage } from "./cli/storage";
import { version } from "./cli/version";

const code = await run(
  { serve, compress, decompress, inspect, verify, keys, storage, version },
  process.argv.slice(2),
);
process.exit(code);
