import { and, eq } from "drizzle-orm";
import type { Connection } from "../dialects/connection";
import type { Repository } from "../repository";

type JobQueries = Pick<Repository, "createJob" | "updateJob" | "job" | "failRunningJobs">;

export function jobQueries({ read, write, schema }: Connection): JobQueries {
  const { jobs } = schema;

  return {
    async createJob(job) {
      await write((db) => db.insert(jobs).values(job));
    },

    async updateJob(id, change, now) {
      await write((db) =>
        db
          .update(jobs)
          .set({ ...change, updatedAt: now })
          .where(eq(jobs.id, id)),
      );
    },

    async job(spaceId, id) {
      const [row] = await read((db) =>
        db
          .select()
          .from(jobs)
          .where(and(eq(jobs.spaceId, spaceId), eq(jobs.id, id))),
      );
      return row ?? null;
    },

    async failRunningJobs(result, status, now) {
      const failed = await write((db) =>
        db
          .update(jobs)
          .set({ state: "failed", result, status, updatedAt: now })
          .where(eq(jobs.state, "running"))
          .returning({ id: jobs.id }),
      );
      return failed.length;
    },
  };
}
