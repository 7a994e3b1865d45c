import { MemoryStore } from "./memory";
import { describeStore } from "./store.contract";

describeStore("memory", async () => new MemoryStore());
