CREATE TABLE "excerpts" (
	"space_id" text NOT NULL,
	"hash" text NOT NULL,
	"sha256" text NOT NULL,
	"start" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "excerpts_space_id_hash_pk" PRIMARY KEY("space_id","hash")
);
--> statement-breakpoint
ALTER TABLE "excerpts" ADD CONSTRAINT "excerpts_space_id_sha256_parts_space_id_sha256_fk" FOREIGN KEY ("space_id","sha256") REFERENCES "public"."parts"("space_id","sha256") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "excerpts_by_part" ON "excerpts" USING btree ("space_id","sha256");