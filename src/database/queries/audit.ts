import { and, desc, eq, getTableColumns, lt } from "drizzle-orm";
import type { Connection } from "../dialects/connection";
import type { Repository } from "../repository";
import { comparable } from "./rows";

type AuditQueries = Pick<Repository, "audit" | "auditTrail">;

export function auditQueries({ read, write, schema }: Connection): AuditQueries {
  const { audit } = schema;
  const { id: _, ...columns } = getTableColumns(audit);

  return {
    async audit(entry) {
      await write((db) => db.insert(audit).values(entry));
    },

    auditTrail({ spaceId, before, limit }) {
      const wanted = and(
        spaceId === undefined ? undefined : eq(audit.spaceId, spaceId),
        before === undefined ? undefined : lt(audit.at, comparable(before)),
      );
      return read((db) =>
        db.select(columns).from(audit).where(wanted).orderBy(desc(audit.at), desc(audit.id)).limit(limit),
      );
    },
  };
}
