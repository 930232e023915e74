import { Type, type Static } from '@sinclair/typebox';
import { Problem } from '../errors.js';

const fileOnly = { 'x-applies': 'restart', 'x-remote': false } as const;

/** How a program reaches its broker; monitors and controllers have the same. */
export const brokerFields = {
  url: Type.String({
    title: 'Broker',
    description: 'mqtt://broker.lab or, with TLS, mqtts://broker.lab; empty: no MQTT.',
    default: '',
    format: 'broker-address',
    ...fileOnly,
  }),
  username: Type.String({
    title: 'User',
    description: 'By which the broker knows this machine.',
    default: '',
    maxLength: 200,
    ...fileOnly,
  }),
  passwordFile: Type.String({
    title: 'Password file',
    description:
      'A file whose first line is the password; only its owner should be able to read it.',
    default: '',
    maxLength: 1000,
    ...fileOnly,
  }),
  caFile: Type.String({
    title: 'Certificate authority',
    description: "File with the authority in PEM that signed the broker's certificate.",
    default: '',
    maxLength: 1000,
    ...fileOnly,
  }),
  topicPrefix: Type.String({
    title: 'Topics',
    description: 'What all topics begin with.',
    default: 'pi-monitor',
    format: 'topic-prefix',
    ...fileOnly,
  }),
};

const homeAssistant = Type.Object(
  {
    enabled: Type.Boolean({
      title: 'Home Assistant',
      description: 'Shows this monitor there: a switch that records, figures, a picture.',
      default: false,
      ...fileOnly,
    }),
    discoveryPrefix: Type.String({
      title: 'Topics of Home Assistant',
      description: 'What the topics begin with under which it looks for devices.',
      default: 'homeassistant',
      format: 'topic-prefix',
      ...fileOnly,
    }),
  },
  { title: 'Home Assistant', additionalProperties: false },
);

export const MqttSchema = Type.Object(
  { ...brokerFields, homeAssistant },
  { title: 'MQTT', additionalProperties: false },
);
export type MqttSettings = Static<typeof MqttSchema>;

export const BrokerSchema = Type.Object(brokerFields, { additionalProperties: false });
export type BrokerSettings = Static<typeof BrokerSchema>;

/** Throws where fields contradict each other: what they promise could not be kept. */
export function checkBroker({ url, username, passwordFile, caFile }: BrokerSettings): void {
  const refuse = (field: string, detail: string): never => {
    throw new Problem('invalid-value', `mqtt.${field} ${detail}`, `mqtt.${field}`);
  };
  if (passwordFile !== '' && username === '')
    refuse('username', 'is missing: there is a password.');
  if (caFile !== '' && !url.startsWith('mqtts:')) {
    refuse('url', 'must begin with mqtts:// where there is a certificate authority.');
  }
}
