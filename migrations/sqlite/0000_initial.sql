CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`space_id` text,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text,
	`origin` text,
	`outcome` text NOT NULL,
	`details` text
);
--> statement-breakpoint
CREATE INDEX `audit_by_time` ON `audit` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `audit_by_space` ON `audit` (`space_id`,`at`,`id`);--> statement-breakpoint
CREATE TABLE `file_parts` (
	`file_id` text NOT NULL,
	`space_id` text NOT NULL,
	`sha256` text NOT NULL,
	PRIMARY KEY(`file_id`, `sha256`),
	FOREIGN KEY (`file_id`) REFERENCES `files`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`space_id`,`sha256`) REFERENCES `parts`(`space_id`,`sha256`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `file_parts_by_part` ON `file_parts` (`space_id`,`sha256`);--> statement-breakpoint
CREATE TABLE `files` (
	`id` text PRIMARY KEY NOT NULL,
	`space_id` text NOT NULL,
	`name` text NOT NULL,
	`search_name` text NOT NULL,
	`codec` text NOT NULL,
	`format` text NOT NULL,
	`level` text NOT NULL,
	`params` text NOT NULL,
	`lossless` integer NOT NULL,
	`original_bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`content_bytes` integer NOT NULL,
	`content_sha256` text NOT NULL,
	`media_type` text NOT NULL,
	`compressed_bytes` integer NOT NULL,
	`object_key` text NOT NULL,
	`object_bytes` integer NOT NULL,
	`compression_time_ms` integer NOT NULL,
	`report` text NOT NULL,
	`fingerprint` text NOT NULL,
	`created_at` integer NOT NULL,
	`accessed_at` integer,
	FOREIGN KEY (`space_id`) REFERENCES `spaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `files_by_fingerprint` ON `files` (`space_id`,`fingerprint`);--> statement-breakpoint
CREATE INDEX `files_by_time` ON `files` (`space_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `files_by_codec` ON `files` (`space_id`,`codec`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `files_usage` ON `files` (`space_id`,`original_bytes`,`compressed_bytes`);--> statement-breakpoint
CREATE INDEX `files_by_object` ON `files` (`object_key`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`space_id` text NOT NULL,
	`state` text NOT NULL,
	`progress` real NOT NULL,
	`result` text,
	`status` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`space_id`) REFERENCES `spaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `jobs_by_state` ON `jobs` (`state`);--> statement-breakpoint
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`space_id` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`hash` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`space_id`) REFERENCES `spaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `keys_by_hash` ON `keys` (`hash`);--> statement-breakpoint
CREATE INDEX `keys_by_space` ON `keys` (`space_id`);--> statement-breakpoint
CREATE TABLE `objects` (
	`key` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`owner` text,
	`since` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `objects_by_time` ON `objects` (`since`,`key`);--> statement-breakpoint
CREATE TABLE `parts` (
	`space_id` text NOT NULL,
	`sha256` text NOT NULL,
	`bytes` integer NOT NULL,
	`object_key` text NOT NULL,
	`object_bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`space_id`, `sha256`),
	FOREIGN KEY (`space_id`) REFERENCES `spaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `parts_by_object` ON `parts` (`object_key`);--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `spaces` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`credits` integer,
	`quota_bytes` integer,
	`created_at` integer NOT NULL
);
