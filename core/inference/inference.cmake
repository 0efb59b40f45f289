target_sources(millm_core PRIVATE
    inference/device_choice.cpp inference/device_choice.h
    inference/engine_host.cpp inference/engine_host.h
    inference/engine_worker.cpp inference/engine_worker.h
    inference/generation.cpp inference/generation_shared.h
    inference/inference_service.cpp inference/inference_service.h
    inference/prompt_encoder.cpp inference/prompt_encoder.h
    inference/requests.h
    inference/template_variables.cpp inference/template_variables.h
    inference/task_queue.cpp inference/task_queue.h
)
