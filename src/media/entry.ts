import { mediaChildCommands } from "./commands";

// The child processes of a source tree start here; the executable starts itself.
const [name = "", ...args] = process.argv.slice(2);
process.exitCode = await mediaChildCommands[name]!(args);
