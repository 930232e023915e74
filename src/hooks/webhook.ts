import type { HookEvent } from './hook-event.js';

/** Posts the event as JSON. Rejects with why that failed, without the address: it may hold a secret. */
export async function postWebhook(
  url: string,
  event: HookEvent,
  signal: AbortSignal,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
      redirect: 'error',
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as { cause?: { code?: string } };
    throw new Error(`it cannot be reached (${cause?.code ?? 'redirected'})`, { cause: error });
  }
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}
