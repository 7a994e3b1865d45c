import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../errors";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts what must not lie readable in the database (AES-256-GCM, NIST SP 800-38D), under a key file in the
 * data directory that only the appliance's user can read.
 */
export class SecretBox {
  private constructor(private readonly key: Buffer) {}

  static open(dataDirectory: string): SecretBox {
    const path = join(dataDirectory, "secret.key");
    if (!existsSync(path)) writeFileSync(path, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx" });
    const key = readFileSync(path);
    if (key.length !== KEY_BYTES) {
      throw new Refusal("internal", `${path} must hold ${KEY_BYTES} bytes, but holds ${key.length}.`);
    }
    return new SecretBox(key);
  }

  seal(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return sealed.toString("base64");
  }

  /** @throws Refusal `internal` when the key file is not the one that sealed it */
  unseal(sealed: string): string {
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch {
      throw new Refusal(
        "internal",
        "The stored secrets cannot be read: secret.key is not the one they were sealed with.",
      );
    }
  }
}
