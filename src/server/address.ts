import { BlockList, isIP, isIPv4 } from "node:net";
import { ConfigError } from "../config";

/** Finds out who is at the other end, by a list of reverse proxies whose word is believed. */
export type AddressReader = (peer: string | undefined, forwardedFor: string | null) => string | null;

/**
 * @param trustedProxies addresses or CIDR ranges; with none, `X-Forwarded-For` means nothing
 * @throws ConfigError for what is neither
 */
export function addressReader(trustedProxies: readonly string[]): AddressReader {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) trust(trusted, proxy);
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? "ipv4" : "ipv6");

  return (peer, forwardedFor) => {
    const hops = (forwardedFor ?? "").split(",").map((hop) => plain(hop.trim()));
    let address = peer ? plain(peer) : null;
    // Each trusted hop vouches for the one before it; the first that is not trusted is the client.
    while (address && isTrusted(address)) {
      const next = hops.pop();
      if (!next || isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

function trust(list: BlockList, proxy: string): void {
  const [address, bits] = proxy.split("/") as [string, string?];
  const family = isIP(address);
  const width = family === 4 ? 32 : 128;
  if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= width))) {
    throw new ConfigError(`A trusted proxy must be an IP address or a CIDR range, not "${proxy}".`);
  }
  list.addSubnet(address, bits === undefined ? width : Number(bits), family === 4 ? "ipv4" : "ipv6");
}

/** IPv4 as such also where a dual-stack socket shows it as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
