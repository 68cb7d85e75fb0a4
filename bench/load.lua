-- Sends the questions of a file in turn until the time is over; then lets those under way be answered, and stops.
-- What a server was asked is therefore answered and counted, however slow it is.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long micros; } bench_time; int gettimeofday(bench_time *, void *);")
ffi.cdef("int getpid(void); int kill(int, int);")

local clock = ffi.new("bench_time")
local function now()
  ffi.C.gettimeofday(clock, nil)
  return tonumber(clock.seconds) + tonumber(clock.micros) / 1e6
end

local threads = {}
function setup(thread)
  table.insert(threads, thread)
end

local questions, asked, under_way, began, seconds = {}, 0, 0, nil, 0
answered, failed, lasted = 0, 0, 0

function init()
  seconds = tonumber(os.getenv("BENCH_SECONDS"))
  for body in io.lines(os.getenv("BENCH_QUESTIONS")) do
    table.insert(questions, wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body))
  end
end

function delay()
  if not began or now() - began <= seconds then
    return 0
  end
  if under_way == 0 then
    ffi.C.kill(ffi.C.getpid(), 2) -- As Ctrl-C: wrk would sleep until its own time is over.
  end
  return 1e9
end

function request()
  -- The first request is not sent: wrk only looks at how it is made.
  request = function()
    began, under_way, asked = began or now(), under_way + 1, asked + 1
    return questions[(asked - 1) % #questions + 1]
  end
  return questions[1]
end

function response(status, headers, body)
  under_way, answered, lasted = under_way - 1, answered + 1, now() - began
  if status ~= 200 or body:find('"errors"', 1, true) then
    failed = failed + 1
  end
end

function done(summary, latency)
  local thread, errors = threads[1], summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format('{"requests": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}', thread:get("answered"),
    thread:get("lasted"), thread:get("failed") + lost, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
