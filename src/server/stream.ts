/**
 * Bytes as the body of a response: pulled as the client takes them, given up when it goes away. The first piece is
 * awaited here, so that what is damaged or unreachable from the start is an honest error and no broken transfer.
 */
export async function flowing(
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  gone: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const pieces = open(gone)[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Uint8Array>> | undefined = Promise.resolve(await pieces.next());
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = await (next ?? pieces.next());
        next = undefined;
        if (piece.done) controller.close();
        else controller.enqueue(piece.value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
