target_sources(millm_core PRIVATE
    inference/answer_grammar.cpp inference/answer_grammar.h
    inference/answer_parser.cpp inference/answer_parser.h
    inference/answer_template.cpp inference/answer_template.h
    inference/device_choice.cpp inference/device_choice.h
    inference/engine_host.cpp inference/engine_host.h
    inference/engine_worker.cpp inference/engine_worker.h
    inference/generation.cpp inference/generation_shared.h
    inference/inference_service.cpp inference/inference_service.h
    inference/inference_times.h
    inference/load_report.cpp inference/load_report.h
    inference/open_requests.cpp inference/open_requests.h
    inference/memory_guard.cpp inference/memory_guard.h
    inference/prompt_encoder.cpp inference/prompt_encoder.h
    inference/python_literal.cpp inference/python_literal.h
    inference/request_journal.cpp inference/request_journal.h
    inference/request_reader.cpp inference/request_reader.h
    inference/requests.h
    inference/template_variables.cpp inference/template_variables.h
    inference/task_queue.cpp inference/task_queue.h
    inference/tool_calls.cpp inference/tool_calls.h
    inference/tool_prompt.cpp inference/tool_prompt.h
)
