import { describe, expect, test } from "bun:test";
import { addressReader } from "./address";

describe("addressReader", () => {
  test("believes nobody unless told to", () => {
    expect(addressReader([])("192.0.2.1", "10.0.0.1")).toBe("192.0.2.1");
  });

  test.each([
    ["10.1.2.3", "198.51.100.7", "198.51.100.7"],
    ["10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"],
    ["10.1.2.3", "198.51.100.7, 10.9.9.9", "198.51.100.7"],
    ["::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7"],
    ["10.1.2.3", "10.0.0.1", "10.0.0.1"],
    ["10.1.2.3", null, "10.1.2.3"],
    ["10.1.2.3", "unknown", "10.1.2.3"],
    ["10.1.2.3", "198.51.100.7, nonsense", "10.1.2.3"],
    ["fd00::1", "2001:db8::5", "2001:db8::5"],
    ["192.0.2.1", "198.51.100.7", "192.0.2.1"],
  ])("peer %p forwarding for %p is %p", (peer, forwarded, address) => {
    expect(addressReader(["10.0.0.0/8", "fd00::1"])(peer, forwarded)).toBe(address);
  });

  test.each(["proxy.example", "10.0.0.0/33", "10.0.0.0/x", "::/129", ""])("%p is no proxy", (proxy) => {
    expect(() => addressReader([proxy])).toThrow("trusted proxy");
  });
});
