#!/usr/bin/env python3
# Prints what Roost nodes publish about themselves: stats_subscriber.py [HOST:PORT ...]. Needs pyzmq.
import json, sys, zmq

socket = zmq.Context().socket(zmq.SUB)
for address in sys.argv[1:] or ["127.0.0.1:7602"]:
    socket.connect("tcp://" + address)
socket.subscribe("")
while True:
    topic, body = socket.recv_multipart()
    said = json.loads(body)
    summary = said.get("text") or "{now} clients, {users} users".format(**said["connections"], **said["roster"])
    print(topic.decode(), summary, flush=True)
