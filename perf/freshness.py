"""The reader of freshness.sh: starts an instance that waits, and looks for it.

usage: freshness.py REST SECONDS
"""
import http.client, json, sys, time

REST, SECONDS = sys.argv[1], float(sys.argv[2])
MODEL = ('<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
         'id="d" targetNamespace="t"><bpmn:process id="waits" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:serviceTask id="t">'
         '<bpmn:extensionElements><zeebe:taskDefinition type="nobody"/></bpmn:extensionElements></bpmn:serviceTask>'
         '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/></bpmn:process></bpmn:definitions>')
# Pause between two looks.
PAUSE = 0.002
connection = http.client.HTTPConnection(REST, timeout=60)


def ask(method, path, body=None, headers=None):
    connection.request(method, path, body, {"content-type": "application/json", **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.getheader("ringbolt-position"), answer.read()


form = ('--edge\r\ncontent-disposition: form-data; name="resources"; filename="waits.bpmn"\r\n\r\n' + MODEL + '\r\n--edge--\r\n')
status, _, answer = ask("POST", "/v2/deployments", form, {"content-type": "multipart/form-data; boundary=edge"})
assert status == 200, answer
plain, named = [], []
end = time.monotonic() + SECONDS
while time.monotonic() < end:
    is_named = len(named) < len(plain)
    status, position, answer = ask("POST", "/v2/process-instances", '{"processDefinitionId":"waits"}')
    if status != 200:
        time.sleep(0.05)
        continue
    begun = time.monotonic()
    path = "/v2/process-instances/" + json.loads(answer)["processInstanceKey"]
    while ask("GET", path, None, {"ringbolt-position": position} if is_named else None)[0] != 200:
        time.sleep(PAUSE)
    (named if is_named else plain).append((time.monotonic() - begun) * 1000)
for what, figures in (("asking again and again", plain), ("naming the write", named)):
    figures.sort()
    at = lambda part: figures[min(int(len(figures) * part), len(figures) - 1)]
    print(f"{what}: p50 {at(0.5):.0f} ms, p99 {at(0.99):.0f} ms, most {figures[-1]:.0f} ms of {len(figures)}")
