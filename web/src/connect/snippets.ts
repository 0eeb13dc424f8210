import { cmdWord, shellWord, stringLiteral } from './quote.ts';

/** All that a program needs to publish. */
export interface Target {
  /** `mqtt://host:port`, or `mqtts://` for TLS. */
  url: string;
  username: string;
  password: string;
  topic: string;
}

export type SnippetName = 'mosquitto' | 'python' | 'javascript' | 'arduino';

export interface Snippet {
  name: SnippetName;
  label: string;
  /** What has to be there first, and the command that brings it. */
  needs: { text: string; command?: string };
  code: string;
}

export type Shell = 'sh' | 'cmd';

/** The same first message from four kinds of device; what is pasted runs as it is. */
export function snippets(target: Target, shell: Shell): Snippet[] {
  return [mosquitto(target, shell), python(target), javascript(target), arduino(target)];
}

function mosquitto(target: Target, shell: Shell): Snippet {
  const { host, port, tls } = address(target.url);
  const word = shell === 'sh' ? shellWord : cmdWord;
  const lines = [
    `mosquitto_pub -h ${word(host)} -p ${port}${tls ? ' --tls-use-os-certs' : ''}`,
    `-u ${word(target.username)} -P ${word(target.password)}`,
    `-t ${word(target.topic)}`,
    `-q 1 -m ${word('{"temperature":21.5}')}`,
  ];
  return {
    name: 'mosquitto',
    label: 'mosquitto_pub',
    needs:
      shell === 'sh'
        ? {
            text: 'Not there yet? On macOS: brew install mosquitto',
            command: 'sudo apt install mosquitto-clients',
          }
        : {
            text: 'It comes with Mosquitto for Windows.',
            command: 'winget install EclipseFoundation.Mosquitto',
          },
    code: lines.join(shell === 'sh' ? ' \\\n  ' : ' '),
  };
}

function python(target: Target): Snippet {
  const { host, port, tls } = address(target.url);
  return {
    name: 'python',
    label: 'Python',
    needs: {
      text: 'Uses paho-mqtt. On Debian and Raspberry Pi OS: sudo apt install python3-paho-mqtt',
      command: 'pip install paho-mqtt',
    },
    code: `import json, random, time
import paho.mqtt.client as mqtt

def on_connect(client, userdata, flags, reason_code, *_):
    print("Broker:", mqtt.connack_string(reason_code))

# paho-mqtt 2 asks which version of callbacks is meant; 1.6 knows one only.
versions = [mqtt.CallbackAPIVersion.VERSION2] if hasattr(mqtt, "CallbackAPIVersion") else []
client = mqtt.Client(*versions)
client.username_pw_set(${stringLiteral(target.username)}, ${stringLiteral(target.password)})
client.on_connect = on_connect
${tls ? 'client.tls_set()\n' : ''}client.connect(${stringLiteral(host)}, ${port})
client.loop_start()

while True:
    reading = {"temperature": round(random.uniform(20, 22), 1)}
    client.publish(${stringLiteral(target.topic)}, json.dumps(reading), qos=1)
    time.sleep(5)`,
  };
}

function javascript(target: Target): Snippet {
  return {
    name: 'javascript',
    label: 'JavaScript',
    needs: { text: 'Uses MQTT.js in Node; save as publish.mjs.', command: 'npm install mqtt' },
    code: `import mqtt from "mqtt";

const client = mqtt.connect(${stringLiteral(target.url)}, {
  username: ${stringLiteral(target.username)},
  password: ${stringLiteral(target.password)},
});
client.on("connect", () => console.log("Connected"));
client.on("error", (error) => console.error(error.message));

function publish() {
  const reading = { temperature: Math.round(200 + Math.random() * 20) / 10 };
  client.publish(${stringLiteral(target.topic)}, JSON.stringify(reading), { qos: 1 });
}
publish();
setInterval(publish, 5000);`,
  };
}

function arduino(target: Target): Snippet {
  const { host, port, tls } = address(target.url);
  const deviceId = target.topic.split('/').at(-2) ?? 'device';
  const network = tls
    ? '#include <WiFiClientSecure.h>\n#include <PubSubClient.h>\n\nWiFiClientSecure network;'
    : '#include <PubSubClient.h>\n\nWiFiClient network;';
  return {
    name: 'arduino',
    label: 'Arduino / ESP32',
    needs: { text: 'Needs the library PubSubClient from the Library Manager.' },
    code: `#include <WiFi.h>
${network}
PubSubClient mqtt(network);

void setup() {
  Serial.begin(115200);
  WiFi.begin("your Wi-Fi", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(250);
${tls ? "  network.setCACert(rootCertificate);  // PEM of the authority that signed the broker's certificate\n" : ''}  mqtt.setServer(${stringLiteral(host)}, ${port});
  mqtt.setBufferSize(1024);
}

void loop() {
  if (!mqtt.connected() &&
      !mqtt.connect(${stringLiteral(deviceId)}, ${stringLiteral(target.username)}, ${stringLiteral(target.password)})) {
    Serial.printf("Not connected, state %d\\n", mqtt.state());
    delay(5000);
    return;
  }
  char reading[64];
  snprintf(reading, sizeof reading, "{\\"temperature\\":%.1f}", 20 + random(20) / 10.0);
  mqtt.publish(${stringLiteral(target.topic)}, reading);

  for (int i = 0; i < 500; i++) {  // five seconds, with the connection kept alive
    mqtt.loop();
    delay(10);
  }
}`,
  };
}

/** Host, port and transport of a broker's URL, an IPv6 address without its brackets. */
export function address(url: string): { host: string; port: number; tls: boolean } {
  const { hostname, port, protocol } = new URL(url);
  const tls = protocol === 'mqtts:' || protocol === 'wss:';
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || (tls ? 8883 : 1883)), tls };
}
