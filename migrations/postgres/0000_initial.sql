CREATE TABLE "audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"space_id" text,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target" text,
	"origin" text,
	"outcome" text NOT NULL,
	"details" json
);
--> statement-breakpoint
CREATE TABLE "file_parts" (
	"file_id" text NOT NULL,
	"space_id" text NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "file_parts_file_id_sha256_pk" PRIMARY KEY("file_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "files" (
	"id" text PRIMARY KEY NOT NULL,
	"space_id" text NOT NULL,
	"name" text NOT NULL,
	"search_name" text NOT NULL,
	"codec" text NOT NULL,
	"format" text NOT NULL,
	"level" text NOT NULL,
	"params" json NOT NULL,
	"lossless" boolean NOT NULL,
	"original_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"content_bytes" bigint NOT NULL,
	"content_sha256" text NOT NULL,
	"media_type" text NOT NULL,
	"compressed_bytes" bigint NOT NULL,
	"object_key" text NOT NULL,
	"object_bytes" bigint NOT NULL,
	"compression_time_ms" bigint NOT NULL,
	"report" json NOT NULL,
	"fingerprint" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"accessed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"space_id" text NOT NULL,
	"state" text NOT NULL,
	"progress" double precision NOT NULL,
	"result" json,
	"status" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"id" text PRIMARY KEY NOT NULL,
	"space_id" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" json NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "objects" (
	"key" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"owner" text,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "parts" (
	"space_id" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" bigint NOT NULL,
	"object_key" text NOT NULL,
	"object_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "parts_space_id_sha256_pk" PRIMARY KEY("space_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "spaces" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"credits" bigint,
	"quota_bytes" bigint,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "file_parts" ADD CONSTRAINT "file_parts_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_parts" ADD CONSTRAINT "file_parts_space_id_sha256_parts_space_id_sha256_fk" FOREIGN KEY ("space_id","sha256") REFERENCES "public"."parts"("space_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_space_id_spaces_id_fk" FOREIGN KEY ("space_id") REFERENCES "public"."spaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_space_id_spaces_id_fk" FOREIGN KEY ("space_id") REFERENCES "public"."spaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "keys" ADD CONSTRAINT "keys_space_id_spaces_id_fk" FOREIGN KEY ("space_id") REFERENCES "public"."spaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "parts" ADD CONSTRAINT "parts_space_id_spaces_id_fk" FOREIGN KEY ("space_id") REFERENCES "public"."spaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_by_time" ON "audit" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_by_space" ON "audit" USING btree ("space_id","at","id");--> statement-breakpoint
CREATE INDEX "file_parts_by_part" ON "file_parts" USING btree ("space_id","sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "files_by_fingerprint" ON "files" USING btree ("space_id","fingerprint");--> statement-breakpoint
CREATE INDEX "files_by_time" ON "files" USING btree ("space_id","created_at","id");--> statement-breakpoint
CREATE INDEX "files_by_codec" ON "files" USING btree ("space_id","codec","created_at","id");--> statement-breakpoint
CREATE INDEX "files_usage" ON "files" USING btree ("space_id","original_bytes","compressed_bytes");--> statement-breakpoint
CREATE INDEX "files_by_object" ON "files" USING btree ("object_key");--> statement-breakpoint
CREATE INDEX "jobs_by_state" ON "jobs" USING btree ("state");--> statement-breakpoint
CREATE UNIQUE INDEX "keys_by_hash" ON "keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "keys_by_space" ON "keys" USING btree ("space_id");--> statement-breakpoint
CREATE INDEX "objects_by_time" ON "objects" USING btree ("since","key");--> statement-breakpoint
CREATE INDEX "parts_by_object" ON "parts" USING btree ("object_key");