target_sources(millm_core PRIVATE
    conversations/conversation.cpp conversations/conversation.h
    conversations/conversation_export.cpp conversations/conversation_export.h
    conversations/conversation_repository.cpp conversations/conversation_repository.h
)
