/** Milliseconds for an answer through the tunnel. */
const limit = 5_000;

/** Whether the viewer behind a local port answers its health check. */
export async function answersHealth(localPort: number): Promise<boolean> {
  try {
    const url = `http://127.0.0.1:${localPort}/api/health`;
    return (await fetch(url, { signal: AbortSignal.timeout(limit) })).ok;
  } catch {
    return false;
  }
}
