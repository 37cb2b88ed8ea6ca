// Starts the circuit with a quiet console: only warnings and errors are written (log level 3 of SignalR's LogLevel).
Blazor.start({
  circuit: {
    logLevel: 3,
    configureSignalR: connection => connection.configureLogging(3),
  },
});
