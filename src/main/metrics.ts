import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Notifier } from '../alerts/notify/notifier.ts';
import type { Commands } from '../commands/commands.ts';
import type { Engine } from '../engine/engine.ts';
import type { Subscriber } from '../external/subscriber.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Ingest } from '../ingest/ingest.ts';

/** What an operator watches, in Prometheus' format; read at each scrape from those parts that the process has. */
export function metricsOf(parts: {
  gateway: Gateway | undefined;
  ingest: Ingest | undefined;
  engine: Engine | undefined;
  subscriber: Subscriber | undefined;
  commands: Commands | undefined;
  notifier: Notifier | undefined;
}) {
  const { gateway, ingest, engine, subscriber, commands, notifier } = parts;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  function gauge(name: string, help: string, read: () => number): void {
    const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: () => metric.set(read()) });
  }

  function outcomes(name: string, help: string, totals: () => Readonly<Record<string, number>>): void {
    const metric: Counter = new Counter({
      name,
      help,
      labelNames: ['outcome'],
      registers: [registry],
      collect() {
        metric.reset();
        for (const [outcome, count] of Object.entries(totals())) metric.inc({ outcome }, count);
      },
    });
  }

  if (ingest) {
    outcomes('netneural_messages_total', 'Messages by what became of them', () => ingest.journal.totals);
    gauge('netneural_ingest_waiting', 'Messages not stored yet', () => ingest.waiting);
  }
  if (gateway) {
    gauge(
      'netneural_mqtt_connections',
      'Clients connected to this gateway',
      () => gateway.status.connections,
    );
    gauge('netneural_held_bytes', 'Memory of publishes not acknowledged yet', () => gateway.status.heldBytes);
    gauge(
      'netneural_tls_certificate_expires_seconds',
      'When the certificate in use expires; 0 without TLS',
      () => Math.floor((gateway.status.certificate?.expiresAt ?? 0) / 1000),
    );
    gauge('netneural_tls_revocation_list_expires_seconds', 'When the first is overdue; 0 without one', () => {
      const at = gateway.status.certificate?.listExpiresAt ?? Number.POSITIVE_INFINITY;
      return Number.isFinite(at) ? Math.floor(at / 1000) : 0;
    });
    gauge(
      'netneural_tls_certificate_renewals',
      'Certificates that took the place of one before',
      () => gateway.status.certificate?.renewals ?? 0,
    );
    gauge(
      'netneural_tls_certificate_unusable',
      '1 while a renewed certificate can’t be used: see the log',
      () => (gateway.status.certificate?.problem ? 1 : 0),
    );
  }
  if (subscriber)
    gauge('netneural_subscriptions', 'Connections to customers’ brokers held here', () => subscriber.held);
  if (commands) {
    outcomes(
      'netneural_commands_total',
      'Tries to send a command by what came of them',
      () => commands.totals,
    );
    gauge('netneural_command_turns', 'Devices that commands are being sent to', () => commands.turns);
  }
  if (notifier)
    outcomes(
      'netneural_notifications_total',
      'Tries to send a notification by what came of them',
      () => notifier.totals,
    );
  if (engine) {
    gauge('netneural_engine_healthy', '1 when the broker behind the gateway works', () =>
      engine.status().healthy ? 1 : 0,
    );
    const nodes = () => engine.status().nodes ?? { all: 1, there: engine.status().healthy ? 1 : 0 };
    gauge('netneural_engine_nodes', 'Brokers that the engine is made of', () => nodes().all);
    gauge('netneural_engine_nodes_there', 'Those of them that answer', () => nodes().there);
    gauge('netneural_engine_clients', 'Clients connected to the broker', () => engine.status().clients);
    gauge('netneural_engine_queued', 'Messages queued for clients', () => engine.status().queued);
    gauge('netneural_engine_retained', 'Retained messages', () => engine.status().retained);
    gauge('netneural_engine_dropped', 'Messages that a queue had no room for', () => engine.status().dropped);
  }

  return async () => ({ contentType: registry.contentType, text: await registry.metrics() });
}
