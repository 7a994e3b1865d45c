import type { AuditEntry } from "../database/repository";
import type { Actor } from "./vault";

export type AuditAction =
  | "file.upload"
  | "file.list"
  | "file.read"
  | "file.download"
  | "file.archive"
  | "file.delete"
  | "media.compress"
  | "key.create"
  | "key.list"
  | "key.revoke"
  | "key.rotate"
  | "storage.change"
  | "storage.test"
  | "audit.read";

/** A line of the audit trail, written now: who did what to which thing, from where. */
export function auditEntry(
  actor: Pick<Actor, "id" | "spaceId" | "origin">,
  action: AuditAction,
  target: string | null = null,
  more: { outcome?: string; details?: Record<string, unknown> } = {},
): AuditEntry {
  const { id, spaceId, origin } = actor;
  const { outcome = "ok", details = null } = more;
  return { at: new Date(), spaceId, actor: id, action, target, origin, outcome, details };
}
