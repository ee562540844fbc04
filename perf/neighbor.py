"""The bullies of neighbor.sh: what one client does that another must not feel.

usage: neighbor.py REST MANAGEMENT BULLY SECONDS      prints a line when the bully is at work, then keeps on until the time is over
"""
import concurrent.futures, http.client, json, socket, sys, threading, time

REST, MANAGEMENT, BULLY, SECONDS = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
IN_FLIGHT = 64
END = time.monotonic() + SECONDS + 60
# How long preparations may take.
PREPARE_MAX = 100


def post(path, body=None, raw=None, content_type="application/json"):
    connection = http.client.HTTPConnection(REST, timeout=120)
    try:
        connection.request("POST", path, raw if raw is not None else json.dumps(body or {}), {"content-type": content_type})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error).encode()
    finally:
        connection.close()


def deploy(process_id, body):
    xml = ('<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
           'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
           f'<bpmn:process id="{process_id}" isExecutable="true"><bpmn:startEvent id="s"/>{body}</bpmn:process></bpmn:definitions>')
    head = (f'--edge\r\ncontent-disposition: form-data; name="resources"; filename="{process_id}.bpmn"\r\n'
            'content-type: text/xml\r\n\r\n')
    status, text = post("/v2/deployments", raw=(head + xml + "\r\n--edge--\r\n").encode(),
                        content_type="multipart/form-data; boundary=edge")
    if status != 200:
        sys.exit(f"{process_id} cannot be deployed: {status} {text[:300]}")


def create(process_id, **more):
    status, text = post("/v2/process-instances", dict(processDefinitionId=process_id, **more))
    return json.loads(text)["processInstanceKey"] if status == 200 else None


def task(job_type, more=""):
    return (f'<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="{job_type}"/>{more}'
            '</bpmn:extensionElements></bpmn:serviceTask>')


def flow(number, source, target):
    return f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'


def fork(width, scopes=0):
    """A gateway with that many flows to one task, in a sub-process that is entered so often, if at all."""
    inner = ('<bpmn:parallelGateway id="g"/>' + task("branch") + "".join(flow(number, "g", "t") for number in range(width)))
    if not scopes:
        return flow("s", "s", "g") + inner
    return ('<bpmn:parallelGateway id="o"/>' + flow("s", "s", "o") + "".join(flow(f"o{number}", "o", "p") for number in range(scopes))
            + f'<bpmn:subProcess id="p"><bpmn:startEvent id="ps"/>{flow("ps", "ps", "g")}{inner}</bpmn:subProcess>')


def until_done():
    """Waits until no instance goes on by itself."""
    give_up = time.monotonic() + PREPARE_MAX
    while time.monotonic() < give_up:
        time.sleep(0.5)
        connection = http.client.HTTPConnection(MANAGEMENT, timeout=10)
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
        connection.close()
        if 'ringbolt_partition_follow_ups_waiting{partition="1"} 0\n' in page:
            return
    sys.exit("the instances are not made in time")


def ready():
    print("ready", flush=True)


def keep_at_it(work):
    """So many at a time, until the time is over."""
    def loop():
        while time.monotonic() < END:
            work()
    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        for _ in range(IN_FLIGHT):
            pool.submit(loop)
        ready()
        time.sleep(SECONDS)
        stop()


def stop():
    global END
    END = 0


def endless_loop():
    # A loop of gateways alone is what a deployment accepts.
    deploy("bully", '<bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="g" default="fback"/>' + flow("s", "s", "m") + flow("m", "m", "g")
           + flow("back", "g", "m")
           + '<bpmn:sequenceFlow id="out" sourceRef="g" targetRef="e"><bpmn:conditionExpression>=false</bpmn:conditionExpression>'
             '</bpmn:sequenceFlow><bpmn:endEvent id="e"/>')
    for _ in range(IN_FLIGHT):
        if not create("bully"):
            sys.exit("the bully was not created")
    ready()
    time.sleep(SECONDS)


def fork_of_10000():
    deploy("bully", fork(10_000))
    keep_at_it(lambda: (create("bully"), time.sleep(1)))


def due_timeouts():
    # One instance with 100,000 jobs, all handed out to the same deadline.
    deploy("bully", fork(10_000, scopes=10))
    if not create("bully"):
        sys.exit("the bully was not created")
    until_done()
    due, taken = time.time() + 15, 0
    while time.time() < due - 1:
        left = int((due - time.time()) * 1000)
        status, text = post("/v2/jobs/activation", dict(type="branch", timeout=left, maxJobsToActivate=4_000, requestTimeout=-1,
                                                        fetchVariable=["none"]))
        jobs = text.count(b'"jobKey"') if status == 200 else 0
        taken += jobs
        if not jobs:
            break
    if taken < 90_000:
        sys.exit(f"only {taken} jobs were handed out in time")
    time.sleep(max(0, due - time.time() - 0.5))
    ready()
    time.sleep(SECONDS)


def cancel_of_100000():
    # Two instances of 100,000 children each: the second is ended when the first is, if there is time left.
    deploy("bully", fork(10_000, scopes=10))
    keys = [create("bully") for _ in range(2)]
    if None in keys:
        sys.exit("the bully was not created")
    until_done()
    ready()
    for key in keys:
        threading.Thread(target=post, args=(f"/v2/process-instances/{key}/cancellation",), daemon=True).start()
    time.sleep(SECONDS)


def feel_bomb():
    body = json.dumps(dict(expression='=count(for i in 1..100000 return contains(s, "ab"))', variables=dict(s="y" * 1_000_000)))
    keep_at_it(lambda: post("/v2/expression/evaluation", raw=body))


def mappings_of_3_mb():
    inputs = "".join(f'<zeebe:input source="=x" target="v{n}"/>' for n in range(3))
    deploy("bully", task("never", f"<zeebe:ioMapping>{inputs}</zeebe:ioMapping>") + flow("s", "s", "t"))
    body = json.dumps(dict(processDefinitionId="bully", variables=dict(x="y" * 3_000_000)))
    keep_at_it(lambda: (post("/v2/process-instances", raw=body), time.sleep(1)))


def long_polls():
    body = json.dumps(dict(type="rare", timeout=1000, maxJobsToActivate=32, requestTimeout=600_000))
    request = (f"POST /v2/jobs/activation HTTP/1.1\r\nhost: {REST}\r\ncontent-type: application/json\r\n"
               f"content-length: {len(body)}\r\n\r\n{body}").encode()
    host, port = REST.rsplit(":", 1)
    sockets = []
    for _ in range(1_000):
        sockets.append(socket.create_connection((host, int(port))))
        sockets[-1].sendall(request)
    time.sleep(1)
    ready()
    time.sleep(SECONDS)


def growing_state():
    deploy("bully", task("never") + flow("s", "s", "t"))
    body = json.dumps(dict(processDefinitionId="bully", variables=dict(x="y" * 20_000)))
    keep_at_it(lambda: post("/v2/process-instances", raw=body))


BULLIES = dict(loop=endless_loop, fork=fork_of_10000, timeouts=due_timeouts, cancel=cancel_of_100000, feel=feel_bomb,
               mappings=mappings_of_3_mb, polls=long_polls, checkpoint=growing_state)
if __name__ == "__main__":
    BULLIES[BULLY]()
    sys.stdout.flush()
    import os
    os._exit(0)
