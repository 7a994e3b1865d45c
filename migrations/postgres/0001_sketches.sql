CREATE TABLE "sketches" (
	"space_id" text NOT NULL,
	"feature" bigint NOT NULL,
	"file_id" text NOT NULL,
	CONSTRAINT "sketches_space_id_feature_file_id_pk" PRIMARY KEY("space_id","feature","file_id")
);
--> statement-breakpoint
ALTER TABLE "sketches" ADD CONSTRAINT "sketches_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sketches_by_file" ON "sketches" USING btree ("file_id");--> statement-breakpoint
CREATE INDEX "files_by_content" ON "files" USING btree ("space_id","content_sha256");