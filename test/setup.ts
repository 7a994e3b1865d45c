import { setDefaultTimeout } from "bun:test";

// Machines that run tests are often busy: a hang is found all the same, a slow test is no failure.
setDefaultTimeout(120_000);
