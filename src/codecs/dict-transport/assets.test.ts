import { describe, expect, test } from "bun:test";
import { chooseFormat } from "../registry";
import { probeOf } from "../testing";
import { dictTransport } from ".";

async function typeOf(text: string, name = "", explicit?: string): Promise<string> {
  const probed = await probeOf(text, name);
  try {
    return chooseFormat(dictTransport, probed, explicit).name;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const SCRIPT = "import x from './x';\nconst a = (b) => b;\nexport default function c() { return a; }\n".repeat(4);
const STYLE = "/* theme */\n.a, .b > c { color: red; }\n@media print { .a { display: none } }\n".repeat(4);
const PAGE = "<!-- page -->\n<!DOCTYPE html>\n<html><style>.a{b:c}</style><script>let a = () => 1;</script></html>";

describe("a web asset", () => {
  test("is taken as what it plainly is", async () => {
    expect(await typeOf(SCRIPT)).toBe("js");
    expect(await typeOf(STYLE)).toBe("css");
    expect(await typeOf(PAGE)).toBe("html");
    expect(await typeOf("<p>a</p><div><a href='x'>b</a></div><ul><li>c</li></ul><table><tr><td>".repeat(3))).toBe(
      "html",
    );
  });

  test("contradicts another type", async () => {
    expect(await typeOf(STYLE, "", "js")).toBe("format_mismatch");
    expect(await typeOf(SCRIPT, "", "css")).toBe("format_mismatch");
    expect(await typeOf(PAGE, "", "js")).toBe("format_mismatch");
  });

  test("with little to show is what it is called", async () => {
    expect(await typeOf("alert(1)")).toBe("js");
    expect(await typeOf("a{b:c}")).toBe("css");
    expect(await typeOf("words", "theme.CSS")).toBe("css");
    expect(await typeOf("words", "page.html")).toBe("html");
    expect(await typeOf("alert(1)", "", "css")).toBe("css");
  });

  test("is not any text", async () => {
    for (const text of ["Dear Sir,\nI write to you.\n", "##fileformat=VCFv4.2\n", "From a@b x\nSubject: y\n\n"]) {
      expect(await typeOf(text)).toBe("not_dict_transport");
      expect(await typeOf(text, "", "js")).toBe("not_dict_transport");
    }
    expect(await typeOf('{"html": "<p><p><p><p><p><p>"}', "", "html")).toBe("format_mismatch");
  });
});
