"""User tasks that the engine keeps itself, over REST, as applications for people use them: instances are created, their tasks are found by a
search, and completed. Prints what was completed, what the server's processor took for each, and what failed.

usage: user_tasks.py REST SERVER_PID MODEL PROCESS_ID SECONDS WARMUP
"""
import http.client, json, os, queue, sys, threading, time

REST, SERVER_PID, MODEL, PROCESS_ID = sys.argv[1:5]
SECONDS, WARMUP = map(float, sys.argv[5:7])
# Instances that wait for their task at most, and connections of each of the two that write.
OPEN_MAX, CONNECTIONS = 512, 4
VARIABLES = {"text": "x" * 1000}
open_room, found = threading.Semaphore(OPEN_MAX), queue.Queue()
completed, errors, is_over = [0] * CONNECTIONS, [0], threading.Event()


def ask(connection, path, body, kind="application/json"):
    connection.request("POST", path, body, {"content-type": kind})
    answer = connection.getresponse()
    return answer.status, answer.read()


def connect():
    return http.client.HTTPConnection(REST, timeout=60)


def create():
    connection, body = connect(), json.dumps({"processDefinitionId": PROCESS_ID, "variables": VARIABLES})
    while not is_over.is_set():
        if open_room.acquire(timeout=0.1) and ask(connection, "/v2/process-instances", body)[0] != 200:
            errors[0] += 1
            open_room.release()


def find():
    """What was completed may be found once more: searches follow."""
    connection, seen = connect(), set()
    body = json.dumps({"filter": {"state": "CREATED"}, "page": {"limit": OPEN_MAX}})
    while not is_over.is_set():
        status, answer = ask(connection, "/v2/user-tasks/search", body)
        keys = {item["userTaskKey"] for item in json.loads(answer)["items"]} if status == 200 else set()
        errors[0] += status != 200
        for key in keys - seen:
            found.put(key)
        seen |= keys
        time.sleep(0.02)


def complete(number):
    connection = connect()
    while not is_over.is_set():
        try:
            key = found.get(timeout=0.1)
        except queue.Empty:
            continue
        status, _ = ask(connection, f"/v2/user-tasks/{key}/completion", "{}")
        completed[number] += status == 204
        errors[0] += status != 204
        open_room.release()


def ticks():
    with open(f"/proc/{SERVER_PID}/stat") as stat:
        fields = stat.read().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


with open(MODEL) as model:
    form = f'--edge\r\ncontent-disposition: form-data; name="resources"; filename="model.bpmn"\r\n\r\n{model.read()}\r\n--edge--\r\n'
status, answer = ask(connect(), "/v2/deployments", form, "multipart/form-data; boundary=edge")
assert status == 200, answer
threads = [threading.Thread(target=create) for _ in range(CONNECTIONS)] + [threading.Thread(target=find)]
threads += [threading.Thread(target=complete, args=(number,)) for number in range(CONNECTIONS)]
for thread in threads:
    thread.start()
time.sleep(WARMUP)
began, done, spent = time.monotonic(), sum(completed), ticks()
time.sleep(SECONDS)
seconds, done, spent = time.monotonic() - began, sum(completed) - done, ticks() - spent
is_over.set()
for thread in threads:
    thread.join()
cpu_ms = spent * 1000 / os.sysconf("SC_CLK_TCK") / max(done, 1)
print(f"{done / seconds:9.0f} completed/s  {cpu_ms:8.4f} ms CPU each  errors {errors[0]}")
