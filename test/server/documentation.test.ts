import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { OpenAPIV3 } from "openapi-types";
import { parameterNames } from "../../src/codecs/params";
import { codecs } from "../../src/codecs/registry";
import { REFUSALS } from "../../src/errors";
import { jsonRequest } from "../support/client";
import { Appliance } from "../support/in-process";

let appliance: Appliance;
let document: OpenAPIV3.Document;
beforeAll(async () => {
  appliance = await Appliance.start();
  document = (await appliance.json("/openapi.json")).body;
});
afterAll(() => appliance.close());

describe("the OpenAPI document", () => {
  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, OpenAPIV3.OperationObject>).map(([method, operation]) => ({
        call: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );

  test("has every call, and no other", () => {
    expect(document.openapi).toBe("3.0.3");
    expect(
      operations()
        .map(({ call }) => call)
        .sort(),
    ).toEqual([
      "DELETE /api/files/{id}",
      "GET /api/audit",
      "GET /api/codecs",
      "GET /api/events",
      "GET /api/files",
      "GET /api/files/{id}",
      "GET /api/files/{id}/archive",
      "GET /api/files/{id}/download",
      "GET /api/health",
      "GET /api/keys",
      "GET /api/ready",
      "GET /api/settings/storage",
      "GET /api/space",
      "GET /api/uploads/{id}",
      "GET /metrics",
      "POST /api/compress",
      "POST /api/keys",
      "POST /api/keys/{id}/revoke",
      "POST /api/keys/{id}/rotate",
      "POST /api/settings/storage/test",
      "POST /api/setup",
      "POST /api/{codec}/upload",
      "PUT /api/settings/storage",
      "PUT /api/{codec}/upload",
    ]);
  });

  test("describes each with a summary, a good answer and its errors", () => {
    for (const { call, operation } of operations()) {
      const statuses = Object.keys(operation.responses);
      expect([call, operation.summary?.length]).toEqual([call, expect.any(Number)]);
      expect([call, statuses.some((status) => status.startsWith("2"))]).toEqual([call, true]);
      expect([call, statuses.includes("500")]).toEqual([call, true]);
    }
  });

  test("says of parameters what OpenAPI knows, and nothing else", () => {
    const known = ["name", "in", "required", "schema", "description"];
    for (const { operation } of operations()) {
      for (const parameter of operation.parameters ?? [])
        expect(known).toEqual(expect.arrayContaining(Object.keys(parameter)));
    }
  });

  test("lists every error code", () => {
    const schemas = document.components!.schemas!;
    const { properties } = schemas.Error as OpenAPIV3.SchemaObject;
    const { description } = properties!.code as OpenAPIV3.SchemaObject;
    for (const kind of Object.keys(REFUSALS)) expect(description).toContain(`\`${kind}\``);
  });

  test("lists every parameter of every codec", () => {
    const { parameters } = document.paths["/api/{codec}/upload"]!.post!;
    const names = (parameters as OpenAPIV3.ParameterObject[]).map(({ name }) => name);
    for (const codec of codecs) expect(names).toEqual(expect.arrayContaining(parameterNames(codec)));
  });

  test("shows examples that fit what is really answered", async () => {
    const content = "Mar  8 12:00:00 host a[1]: b\n".repeat(10);
    const file = await appliance.upload("/api/log-files/upload", content, "a.log");
    const key = await appliance.json("/api/keys", jsonRequest("POST", { name: "x" }));
    const list = await appliance.json("/api/files");
    expect(Object.keys(example("/api/{codec}/upload", "post", 201))).toEqual(Object.keys(file.body));
    expect(Object.keys(example("/api/files/{id}", "get", 200))).toEqual(Object.keys(file.body));
    expect(Object.keys(example("/api/files", "get", 200))).toEqual(Object.keys(list.body));
    expect(Object.keys(example("/api/keys", "post", 201))).toEqual(Object.keys(key.body));
    const audit = await appliance.json("/api/audit");
    expect(Object.keys(example("/api/audit", "get", 200).entries[0])).toEqual(Object.keys(audit.body.entries[0]));
    const space = await appliance.json("/api/space");
    expect(Object.keys(example("/api/space", "get", 200))).toEqual(Object.keys(space.body));
  });

  // biome-ignore lint/suspicious/noExplicitAny: examples have every shape
  function example(path: string, method: "get" | "post", status: number): any {
    const response = document.paths[path]![method]!.responses[status] as OpenAPIV3.ResponseObject;
    return response.content!["application/json"]!.example;
  }
});

test("the documentation page needs nothing from elsewhere", async () => {
  const page = await (await fetch(`${appliance.url}/docs`)).text();
  const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) {
    expect(link).toStartWith("/docs/");
    const response = await fetch(appliance.url + link);
    expect([link, response.status]).toEqual([link, 200]);
    expect((await response.bytes()).length).toBe(Number(response.headers.get("content-length")));
  }
});

test("the web page and its assets are served, the assets for ever", async () => {
  const response = await fetch(appliance.url);
  expect(response.headers.get("content-type")).toStartWith("text/html");
  expect(response.headers.get("cache-control")).toBe("no-cache");
  const page = await response.text();
  const links = [...page.matchAll(/(?:src|href)="\.?([^"]+)"/g)].map((match) => match[1]!);
  for (const link of links) {
    const asset = await fetch(appliance.url + link);
    expect([link, asset.status]).toEqual([link, 200]);
    expect(asset.headers.get("cache-control")).toContain("immutable");
  }
});
