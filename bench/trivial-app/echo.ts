import { receivePorts } from '#kit/parent-port.ts'

/** A utility process that sends back what it gets: the floor below every request. */
receivePorts((_role, port) => port.onMessage((message) => port.post(message)))
