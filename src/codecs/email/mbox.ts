import { type Format, no, yes } from "../codec";
import { hasMagic, textOf } from "../sniff";

/** mboxo, mboxrd, mboxcl and mboxcl2 (RFC 4155 and its elders), MMDF, and single messages (RFC 5322). */
export const mbox: Format = {
  name: "mbox",
  title: "mbox",
  extensions: ["mbox", "mbx", "eml", "mbs"],
  mediaType: "application/mbox",
  sniff(probe) {
    const head = textOf(probe)?.head ?? "";
    if (/^\s*(From [^\r\n]*(\r\n|\n|\r))(>?[\w-]+:|\s|$)/.test(head)) return yes(0.95);
    if (hasMagic(probe.head, "\x01\x01\x01\x01")) return yes(0.9);
    if (startsWithHeaders(head)) return yes(0.6);
    return no("no `From ` line of an mbox and no message header at offset 0");
  },
};

const MAIL_FIELDS =
  /^(From|To|Date|Subject|Received|Message-ID|Return-Path|MIME-Version|Delivered-To|Content-Type):/i;

/** At least two lines of the opening header block are fields that mail has. */
function startsWithHeaders(head: string): boolean {
  const block = head.split(/\r?\n\r?\n/, 1)[0]!.split(/\r?\n/);
  const fields = block.filter((line) => !/^[ \t]/.test(line)).slice(0, 30);
  return (
    fields.every((line) => /^>?[!-9;-~]+:|^From /.test(line)) &&
    fields.filter((line) => MAIL_FIELDS.test(line)).length >= 2
  );
}
