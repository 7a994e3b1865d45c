CREATE TABLE `sketches` (
	`space_id` text NOT NULL,
	`feature` integer NOT NULL,
	`file_id` text NOT NULL,
	PRIMARY KEY(`space_id`, `feature`, `file_id`),
	FOREIGN KEY (`file_id`) REFERENCES `files`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sketches_by_file` ON `sketches` (`file_id`);--> statement-breakpoint
CREATE INDEX `files_by_content` ON `files` (`space_id`,`content_sha256`);