CREATE TABLE `excerpts` (
	`space_id` text NOT NULL,
	`hash` text NOT NULL,
	`sha256` text NOT NULL,
	`start` integer NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`space_id`, `hash`),
	FOREIGN KEY (`space_id`,`sha256`) REFERENCES `parts`(`space_id`,`sha256`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `excerpts_by_part` ON `excerpts` (`space_id`,`sha256`);