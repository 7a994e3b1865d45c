import { compress } from "./cli/compress";
import { decompress, verify } from "./cli/decompress";
import { inspect } from "./cli/inspect";
import { keys } from "./cli/keys";
import { run } from "./cli/run";
import { serve } from "./cli/serve";
import { storage } from "./cli/storage";
import { version } from "./cli/version";
import { mediaChildCommands } from "./media/commands";

const [name = "", ...words] = process.argv.slice(2);
const child = Object.hasOwn(mediaChildCommands, name) ? mediaChildCommands[name] : undefined;
const commands = { serve, compress, decompress, inspect, verify, keys, storage, version };

process.exit(await (child ? child(words) : run(commands, [name || "help", ...words])));
