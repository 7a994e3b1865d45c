import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BLOCK_BYTES, MAX_PART_BYTES } from "../../graph/plan";
import { bytesOf, joinBytes, noise, probeOf, render } from "../testing";
import { email } from ".";

interface Style {
  lineLength: number;
  lineEnd: string;
  lastLineEnds: boolean;
}

const UNIX: Style = { lineLength: 76, lineEnd: "\n", lastLineEnds: true };

function base64Lines(data: Uint8Array, { lineLength, lineEnd, lastLineEnds }: Style): string {
  const lines =
    Buffer.from(data)
      .toString("base64")
      .match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return lines.join(lineEnd) + (lastLineEnds ? lineEnd : "");
}

function message(body: string, lineEnd = "\n"): string {
  const lines = [
    "From alice@example.org Mon Jan  5 10:00:00 2026",
    "From: Alice <alice@example.org>",
    "Subject: the report",
    'Content-Type: application/octet-stream; name="report.bin"',
    "Content-Transfer-Encoding: base64",
    "",
    "",
  ];
  return lines.join(lineEnd) + body;
}

const END = "\n--boundary--\n\n";

async function roundTrip(mailbox: string | Uint8Array) {
  const content = typeof mailbox === "string" ? bytesOf(mailbox) : mailbox;
  const rendered = await render(email, content);
  expect(Buffer.compare(rendered.bytes, content)).toBe(0);
  return rendered;
}

describe("email", () => {
  test("takes an attachment out as a part and puts it back", async () => {
    const attachment = noise(10_000);
    const { parts, segments } = await roundTrip(message(base64Lines(attachment, UNIX) + END));
    expect(parts).toEqual([attachment]);
    expect(JSON.stringify(segments[0]!.root)).toContain("report.bin");
  });

  test("gives equal parts for one attachment in messages of different make", async () => {
    const attachment = noise(20_000);
    const styles: Style[] = [
      { lineLength: 60, lineEnd: "\n", lastLineEnds: true },
      { lineLength: 76, lineEnd: "\r\n", lastLineEnds: true },
      { lineLength: 640, lineEnd: "\n", lastLineEnds: true },
      { lineLength: 77, lineEnd: "\n", lastLineEnds: true },
    ];
    const mailbox = styles.map((style) => message(base64Lines(attachment, style) + END, style.lineEnd)).join("");
    const { parts } = await roundTrip(mailbox);
    expect(parts).toEqual(styles.map(() => attachment));
  });

  test("decodes what lacks padding or a last line end", async () => {
    const attachment = noise(10_000);
    const bare = base64Lines(attachment, { ...UNIX, lastLineEnds: false });
    expect((await roundTrip(message(bare))).parts).toEqual([attachment]);
    expect((await roundTrip(message(`${bare.replace(/=+$/, "")}\n`))).parts).toEqual([attachment]);
  });

  test("leaves the last line as text when its spare bits are not zero", async () => {
    const text = base64Lines(noise(57 * 200 + 1), UNIX)
      .replace(/A==\n$/, "B==\n")
      .replace(/([QgwI])==\n$/, "R==\n");
    const { parts } = await roundTrip(message(text + END));
    expect(parts.map(({ length }) => length)).toEqual([57 * 200]);
  });

  test("keeps text that was base64 in its place among the text", async () => {
    const body = "<html>words and words</html>\r\n".repeat(60);
    const { parts, segments } = await roundTrip(message(base64Lines(bytesOf(body), UNIX) + END));
    expect(parts).toEqual([]);
    expect(segments[0]!.root).toMatchObject({ kind: "transform", transform: "base64-runs" });
  });

  test("models a mailbox with CR LF as one with LF, lone line feeds and carriage returns included", async () => {
    const body = `${"some words in a line\r\n".repeat(200)}lone\n\r\rtwo\r\r\nend\r`;
    const { segments } = await roundTrip(
      message(`${body}${base64Lines(bytesOf("<p>x</p>\r\n".repeat(50)), UNIX)}`, "\r\n"),
    );
    expect(JSON.stringify(segments[0]!.root)).toContain('"crlf"');
  });

  test("keeps short base64 bodies out of the store of parts", async () => {
    const { parts, segments } = await roundTrip(message(base64Lines(noise(1900), UNIX) + END));
    expect(parts).toEqual([]);
    expect(segments[0]!.root).toMatchObject({ kind: "transform" });
  });

  test("cuts attachments that are larger than a part at the same places in every line length", async () => {
    const attachment = noise(MAX_PART_BYTES + 100_000);
    const lengths = await Promise.all(
      [60, 76].map(async (lineLength) => {
        const { parts } = await roundTrip(message(base64Lines(attachment, { ...UNIX, lineLength }) + END));
        expect(Buffer.compare(joinBytes(...parts), attachment)).toBe(0);
        return parts.map((part) => part.length);
      }),
    );
    expect(new Set(lengths.map((each) => each.join())).size).toBe(1);
    expect(lengths[0]!.length).toBe(2);
  });

  test("cuts long text between messages", async () => {
    const mailbox = message(`${"some words in a line\n".repeat(500)}\n`).repeat(900);
    const { segments } = await roundTrip(mailbox);
    let at = 0;
    for (const { length } of segments) {
      expect(mailbox.slice(at, at + 5)).toBe("From ");
      expect(length).toBeLessThanOrEqual(BLOCK_BYTES);
      at += length;
    }
    expect(segments.length).toBe(2);
  });

  test("puts many attachments into few segments, none of them too large", async () => {
    const mails = Array.from({ length: 60 }, (_, i) => message(base64Lines(noise(200_000, i + 1), UNIX) + END));
    const { segments, parts } = await roundTrip(mails.join(""));
    expect(parts.length).toBe(60);
    expect(segments.length).toBeLessThan(5);
  });

  test("gives back any mixture of lines", async () => {
    const line = fc.oneof(
      fc.constantFrom(
        "",
        "From x",
        "--b",
        "=",
        "==",
        "A",
        `${"A".repeat(76)}`,
        `${"A".repeat(75)}=`,
        "B".repeat(2000),
      ),
      fc.nat(40).map((n) => base64Lines(noise(57 * n + (n % 7)), { ...UNIX, lastLineEnds: false })),
      fc.string({ maxLength: 90 }),
    );
    const end = fc.constantFrom("\n", "\r\n", "\r", "");
    const mailbox = fc.array(fc.tuple(line, end), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(mailbox, (lines) => roundTrip(lines.flat().join("")).then(() => {})),
      {
        numRuns: 200,
      },
    );
  });

  test("recognises mailboxes and messages, and nothing else", async () => {
    const [mbox] = email.formats;
    const sniffed = async (text: string) => mbox.sniff(await probeOf(text)).confidence;
    expect(await sniffed("From a@b Mon Jan  5 10:00:00 2026\r\nSubject: x\r\n\r\nhello")).toBeGreaterThan(0.9);
    expect(await sniffed("Received: from x\n\tby y\nFrom: a@b\nSubject: x\n\nhello")).toBeGreaterThan(0.5);
    expect(await sniffed("From: the start of a text\nwhich goes on without colons")).toBe(0);
    expect(await sniffed("From here on it is\nprose")).toBe(0);
    expect(await sniffed('{"From ": 1}')).toBe(0);
  });
});
