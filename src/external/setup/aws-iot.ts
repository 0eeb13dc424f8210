import { type Facts, writtenFilters } from './facts.ts';
import { lines, notRun, type SetupGuide } from './guide.ts';
import { shellWord } from './quoting.ts';

/** AWS IoT SQL writes a topic filter between single quotes; its documentation names no escape. */
const sqlSource = /['\\]/;

/**
 * AWS IoT Core: topic rules with an HTTP action, as a CloudFormation template. A rule has one filter, so there is one
 * for each. The token is a parameter: it is not in the template, and AWS does not show it again.
 */
export function awsIotWebhook(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, sqlSource);
  const http = {
    Url: facts.url,
    ConfirmationUrl: facts.url,
    Headers: [
      { Key: 'content-type', Value: 'application/json' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation puts its parameter there.
      { Key: 'authorization', Value: { 'Fn::Sub': 'Bearer ${Token}' } },
    ],
  };
  const rules = filters.map((filter, index) => [
    `Rule${index + 1}`,
    {
      Type: 'AWS::IoT::TopicRule',
      // One after the other: the first makes the destination that all of them share.
      ...(index > 0 && { DependsOn: `Rule${index}` }),
      Properties: {
        RuleName: `${facts.slug}_${index + 1}`,
        TopicRulePayload: {
          // The trace id is the message's own: a POST that AWS repeats is known again.
          Sql: `SELECT traceid() AS id, topic() AS topic, encode(*, 'base64') AS payload_base64 FROM '${filter}'`,
          AwsIotSqlVersion: '2016-03-23',
          RuleDisabled: false,
          Actions: [{ Http: http }],
        },
      },
    },
  ]);
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Messages of AWS IoT Core to NetNeural MQTT',
    Parameters: { Token: { Type: 'String', NoEcho: true } },
    Resources: Object.fromEntries(rules),
  };
  const deploy = lines(
    '#!/bin/sh',
    `# NetNeural MQTT: ${facts.name}`,
    'set -eu',
    'aws cloudformation deploy --template-file netneural-aws-iot.json \\',
    `  --stack-name ${facts.slug.replaceAll('_', '-')} --parameter-overrides ${shellWord(`Token=${facts.token}`)}`,
  );
  return {
    broker: 'aws_iot',
    title: 'AWS IoT Core',
    steps: [
      'Save both files in one directory, and run deploy.sh with the AWS CLI signed in to the account and region of your devices.',
      'AWS asks whether our webhook wants its messages; we confirm that by ourselves.',
      'In the AWS console under Message routing, Destinations, the destination is then "Enabled". If it is not, ask for a new confirmation there.',
    ],
    files: [
      { name: 'netneural-aws-iot.json', language: 'json', text: `${JSON.stringify(template, null, 2)}\n` },
      { name: 'deploy.sh', language: 'sh', text: deploy },
    ],
    notes: [
      ...notes,
      'AWS tries at most twice again, within seconds, on 429 and 5xx; then the message is lost. Give the rules an error action (an SQS queue, say) to keep it.',
      'AWS IoT calls HTTPS addresses of the public internet only.',
      notRun('AWS IoT Core'),
    ],
  };
}
