/** Entry of a planner worker. */
import { codecByName } from "./registry";
import { servePlans } from "./serve-plans";

servePlans(codecByName);
