import fp from 'fastify-plugin';
import { meterWebhooks } from '../src/metrics.ts';
import { keyOf } from '../src/webhooks/signature.ts';
import { Webhooks } from '../src/webhooks/webhooks.ts';

/** How long what waits may take when the server stops, ms. */
const LAST_WORDS = 1_000;

/** Tells a web server what happens in the rooms, if there is one to tell. */
export default fp(
  async function webhooks(fastify) {
    const { WEBHOOK_URL, WEBHOOK_SECRET } = fastify.config;
    if (WEBHOOK_URL === '') return;
    const { rooms } = fastify;
    const webhooks = new Webhooks(WEBHOOK_URL, keyOf(WEBHOOK_SECRET), fastify.log);
    rooms.happenings.witness = (happening) => webhooks.add(happening);
    meterWebhooks(fastify.metrics, webhooks);
    fastify.addHook('onClose', async () => {
      await rooms.known.whenIdle(); // who leaves with this instance is told, too
      rooms.endAll();
      await webhooks.close(LAST_WORDS);
    });
  },
  { name: 'webhooks', fastify: '5.x', dependencies: ['config', 'rooms', 'metrics'] },
);
