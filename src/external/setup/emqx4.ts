import { type Facts, nothing, writtenFilters } from './facts.ts';
import { lines, notRun, publicAuthorities, type SetupGuide } from './guide.ts';
import { asciiJson } from './quoting.ts';

/** EMQX 4 with its plugin emqx_web_hook, as `emqx_web_hook.schema` of 4.3 and 4.4 reads it. */
export function emqx4Webhook(facts: Facts): SetupGuide {
  // Rules are JSON, which can write any filter.
  const { filters, notes } = writtenFilters(facts, nothing);
  const rules = filters.map(
    (topic, index) =>
      `web.hook.rule.message.publish.${index + 1} = ${asciiJson({ action: 'on_message_publish', topic })}`,
  );
  const text = lines(
    `## NetNeural MQTT: ${facts.name}`,
    `web.hook.url = ${facts.url}`,
    'web.hook.headers.content-type = application/json',
    `web.hook.headers.authorization = Bearer ${facts.token}`,
    '## Bytes that are no text survive only so.',
    'web.hook.body.encoding_of_payload_field = base64',
    facts.isHttps ? ['web.hook.ssl.verify = true', `web.hook.ssl.cacertfile = ${publicAuthorities}`] : [],
    'web.hook.pool_size = 32',
    rules,
  );
  return {
    broker: 'emqx4',
    title: 'EMQX 4',
    steps: [
      'Save emqx_web_hook.conf as etc/plugins/emqx_web_hook.conf on every node, in place of the one there.',
      'Load the plugin: emqx_ctl plugins load emqx_web_hook (reload, if it runs already).',
      'Before 4.3 two settings have other names: web.hook.api.url for the URL, web.hook.encode_payload for the encoding.',
    ],
    files: [{ name: 'emqx_web_hook.conf', language: 'conf', text }],
    notes: [
      ...notes,
      'The plugin does not try again: a message that we answer with 503, or that does not reach us, is lost. If that matters, choose the subscription.',
      'EMQX 4 gets no more updates. EMQX 5 tries again when we are away.',
      notRun('EMQX 4.4'),
    ],
  };
}
