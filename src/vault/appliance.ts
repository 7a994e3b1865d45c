import type { Config } from "../config";
import type { Repository } from "../database/repository";
import type { Engine } from "../graph/engine";
import type { Access } from "./access";
import type { Jobs } from "./jobs";
import type { Metrics } from "./metrics";
import type { Spool } from "./spool";
import type { StoreRoom } from "./store-room";
import type { Sweeper } from "./sweeper";

/** What the vault's parts share: one of each for a running appliance. */
export interface Appliance {
  readonly config: Config;
  /** Names this process in reservations. */
  readonly instance: string;
  readonly repository: Repository;
  readonly engine: Engine;
  readonly stores: StoreRoom;
  readonly spool: Spool;
  readonly access: Access;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly sweeper: Sweeper;
}
