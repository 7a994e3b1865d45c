/** Entry of a coder worker. */
import { serveJobs } from "../kernels/pool-worker";
import { code } from "./coder";

serveJobs(code);
