/** Keeps what this process writes from the screen. */
export interface CapturedOutput {
  /** What was written since it was asked last. */
  take(): string;
  /** Lets the process write again. */
  release(): void;
}

export function captureOutput(): CapturedOutput {
  let written = '';
  const streams = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array) => {
      written += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
    return { stream, write };
  });
  return {
    take: () => {
      const taken = written;
      written = '';
      return taken;
    },
    release: () => {
      for (const { stream, write } of streams) stream.write = write;
    },
  };
}
